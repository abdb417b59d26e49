"""What the person sees: Qt, main thread only. Way in: `app`, which shows `window`."""
