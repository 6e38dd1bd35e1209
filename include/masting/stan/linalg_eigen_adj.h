/* masting/stan/linalg_eigen_adj.h -- part of linalg.h: adjoints of linalg_eigen.h. */

/* A_adj = V (diag(values_adj) + F o V' vectors_adj) V', F[i][j] = 1 / (value j - value i) (Giles
 * 2008, "Collected matrix derivative results", section 3.1). values_adj or vectors_adj may be NULL:
 * zero. Between equal eigenvalues F is taken as 0: right where the target depends on the space that
 * they share, and no derivative exists where it does not. */
LA_ROUTINE v_eigendecompose_sym_adj(masting_arena *arena, int n, const vreal *A,
                                    const vreal *values, const vreal *vectors,
                                    const vreal *values_adj, const vreal *vectors_adj,
                                    vreal *A_adj) {
  (void)A;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *inner = v_la_take(arena, n * n), *half = v_la_take(arena, n * n);
  v_la_zero(n * n, inner);
  if (vectors_adj)
    v_la_add_product(n, n, n, 1, v_la_turned(vectors, n), v_la_rows(vectors_adj, n), inner);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      vreal gap = values[j] - values[i], zero = v_all(0.0);
      vmask none = v_la_eq(gap, zero);
      inner[i * n + j] = v_where(none, zero, inner[i * n + j] / v_where(none, v_all(1.0), gap));
    }
    if (values_adj) inner[i * n + i] = values_adj[i];
  }
  v_matmul(arena, n, n, n, vectors, inner, half);
  v_la_zero(n * n, inner);
  v_la_add_product(n, n, n, 1, v_la_rows(half, n), v_la_turned(vectors, n), inner);
  v_la_add_folded(n, inner, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_eigenvalues_sym_adj(masting_arena *arena, int n, const vreal *A, const vreal *values,
                                 const vreal *values_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *vectors = v_la_take(arena, n * n);
  v_eigenvectors_sym(arena, n, A, vectors);
  v_eigendecompose_sym_adj(arena, n, A, values, vectors, values_adj, NULL, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_eigenvectors_sym_adj(masting_arena *arena, int n, const vreal *A, const vreal *vectors,
                                  const vreal *vectors_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *values = v_la_take(arena, n);
  v_eigenvalues_sym(arena, n, A, values);
  v_eigendecompose_sym_adj(arena, n, A, values, vectors, NULL, vectors_adj, A_adj);
  masting_arena_release(arena, mark);
}
