"""How good the results are: outcomes compared with the ground truth beside each recording."""
