"""What photofind says: each sentence is a key with values, and the tables here have the English of every key.

`sentence.Sentence` is what others store, raise and pass on; `english` has the one table, which the files by topic
make up. Knows nothing of languages: the window translates by key, the command line prints English.
"""
