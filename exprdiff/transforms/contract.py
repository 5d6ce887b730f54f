from ..graph import topological
def plan(roots, primal, fired):
    return {x: x for x in topological(roots)}
