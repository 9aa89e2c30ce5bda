"""Other programs that read and write a store's data: their tokens, their use, the writes they repeat."""
