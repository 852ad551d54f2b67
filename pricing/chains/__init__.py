"""What a supply chain is, and its calibration to a balanced base year."""
