"""What providers tell us: signatures checked, then written by the operations that people use, too."""
