"""One module a kind of figure: arrays in, a matplotlib figure and the frame of what it shows out."""
