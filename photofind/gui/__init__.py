"""What the person sees: Qt, main thread only."""
