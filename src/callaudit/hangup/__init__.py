"""When the conversation was over: one file for each kind of evidence, one that weighs them."""
