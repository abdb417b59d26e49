"""When work happens: the library thread, the decoder processes and the folder watcher; no Qt."""
