"""Child processes that open photos with limits on memory and time; know no library. Way in: `decoder`."""
