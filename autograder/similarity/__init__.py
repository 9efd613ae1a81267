"""Submissions that are alike: an export for plagiarism tools, and a list of identical functions."""
