"""Training the linear readers: the sets, the fitting, the model card. Needs scikit-learn; reading does not."""
