"""Call records as the systems write them: one importer for each, all giving the neutral `CallRecord`.

What an importer may take for granted is what the system documents. A value that would make a time wrong is an error
that names file, place and field; a word that is not known (who hung up, say) leaves its field empty and is noted;
fields that contradict one another make the record distrusted, so that its times are not used.
"""
