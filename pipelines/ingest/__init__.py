"""From a shop's files to the raw tables: landing by content, profiles, strict parsing, erasing.

Only `discovery` guesses, once, for a person to correct; a run reads what dataset.yaml says.
"""
