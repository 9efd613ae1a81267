"""The autograder: a submission of the homework goes in, a graded report comes out."""

__version__ = "0.1.0"
