"""Call records (话单): what the switch wrote down about calls, in the neutral form or in that of the common systems."""
