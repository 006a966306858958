"""The rudeness classifier: n-gram features, a linear model that explains itself, its training and its measure."""
