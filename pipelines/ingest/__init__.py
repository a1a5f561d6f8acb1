"""From a shop's files to the raw tables: landing by content, strict parsing, discovery.

Nothing is guessed from data here; what a column means is what dataset.yaml says.
"""
