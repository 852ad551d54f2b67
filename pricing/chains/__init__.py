"""What a supply chain is, and how raw data become a balanced benchmark."""
