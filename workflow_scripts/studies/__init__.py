"""What each paper's tables and figures need: recipes and their public names."""
