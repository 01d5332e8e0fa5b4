"""One run of the program: settings, account, inputs, messages, work on several targets."""
