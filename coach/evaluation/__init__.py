"""How right the model is, and for whom: figures, calibration, comparison, robustness, ranking against people."""
