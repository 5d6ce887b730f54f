"""From text to graph: the syntax tree, the parser, and the lowering."""
