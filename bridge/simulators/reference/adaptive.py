def check_adaptive(*a): pass
def equations_text(n): return n.equations
def run_adaptive(*a): raise RuntimeError
