"""What a run would find in a data set's files: everything read, nothing written, everything told.

What makes a row faulty stands with the parser; what an order counts as in the models.
"""
