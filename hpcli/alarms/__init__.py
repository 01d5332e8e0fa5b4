"""The alarm pipeline: decoding, journal, pictures, the loop that reads the queue."""
