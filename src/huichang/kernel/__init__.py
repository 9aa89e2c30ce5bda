"""The kernel: what every domain stands on. It knows no business word but the dealer that owns a row."""
