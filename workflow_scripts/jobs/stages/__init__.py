"""One module a kind of artifact: reads inputs, calls the library, writes the payload, returns metrics."""
