"""Signals that an exchange sends in the sound itself: busy, congestion, dial, howler and ringback tones, by country."""
