"""How right the model is, and for whom: figures, comparison of two models, robustness, ranking against people."""
