"""Rooms in which attacks run with no wall, and can hit nothing but canaries."""
