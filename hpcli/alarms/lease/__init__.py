"""One reader of an account among several machines, and its messages for all of them, through NATS JetStream."""
