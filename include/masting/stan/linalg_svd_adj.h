/* masting/stan/linalg_svd_adj.h -- part of linalg.h: adjoints of linalg_svd.h. */

/* inner[q][q] += what the vectors X[n][q] with adjoint X_adj give: X' X_adj - X_adj' X over
 * s[j]^2 - s[i]^2, times s[j] (left vectors) or s[i] (right ones). Between equal singular values
 * 0, as in linalg_eigen_adj.h. */
LA_INLINE void v_la_svd_inner(masting_arena *arena, int n, int q, int left, const vreal *X,
                              const vreal *s, const vreal *X_adj, vreal *inner) {
  vreal *turn = v_la_take(arena, q * q), zero = v_all(0.0);
  v_la_zero(q * q, turn);
  v_la_add_product(q, n, q, 1, v_la_turned(X, q), v_la_rows(X_adj, q), turn);
  for (int i = 0; i < q; i++)
    for (int j = 0; j < q; j++) {
      vreal gap = (s[j] - s[i]) * (s[j] + s[i]), by = left ? s[j] : s[i];
      vmask none = v_la_eq(gap, zero);
      vreal part = (turn[i * q + j] - turn[j * q + i]) * by / v_where(none, v_all(1.0), gap);
      inner[i * q + j] += v_where(none, zero, part);
    }
}

/* outer[n][q] = (I - X X') X_adj / s: the part of X_adj outside the space of X[n][q], n > q. */
LA_INLINE vreal *v_la_svd_outer(masting_arena *arena, int n, int q, const vreal *X, const vreal *s,
                                const vreal *X_adj) {
  vreal *dot = v_la_take(arena, q * q), *outer = v_la_take(arena, n * q);
  v_la_zero(q * q, dot);
  v_la_add_product(q, n, q, 1, v_la_turned(X, q), v_la_rows(X_adj, q), dot);
  v_la_copy(n * q, X_adj, outer);
  v_la_add_product(n, q, q, -1, v_la_rows(X, q), v_la_rows(dot, q), outer);
  for (int e = 0; e < n * q; e++) outer[e] = outer[e] / s[e % q];
  return outer;
}

/* U_adj, s_adj and V_adj may be NULL: zero (Townsend 2016, "Differentiating the singular value
 * decomposition"). */
LA_ROUTINE v_svd_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *U,
                     const vreal *s, const vreal *V, const vreal *U_adj, const vreal *s_adj,
                     const vreal *V_adj, vreal *A_adj) {
  (void)A;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  int q = n < m ? n : m;
  vreal *inner = v_la_take(arena, q * q), *half = v_la_take(arena, n * q);
  v_la_zero(q * q, inner);
  for (int i = 0; s_adj && i < q; i++) inner[i * q + i] = s_adj[i];
  if (U_adj) v_la_svd_inner(arena, n, q, 1, U, s, U_adj, inner);
  if (V_adj) v_la_svd_inner(arena, m, q, 0, V, s, V_adj, inner);
  v_matmul(arena, n, q, q, U, inner, half);
  if (U_adj && n > q) v_la_add(n * q, v_la_svd_outer(arena, n, q, U, s, U_adj), half);
  v_la_add_product(n, q, m, 1, v_la_rows(half, q), v_la_turned(V, q), A_adj);
  if (V_adj && m > q) {
    const vreal *outer = v_la_svd_outer(arena, m, q, V, s, V_adj);
    v_la_add_product(n, q, m, 1, v_la_rows(U, q), v_la_turned(outer, q), A_adj);
  }
  masting_arena_release(arena, mark);
}

/* The adjoint from that of one of the three outputs alone. */
LA_INLINE void v_la_svd_again(masting_arena *arena, int n, int m, const vreal *A,
                              const vreal *U_adj, const vreal *s_adj, const vreal *V_adj,
                              vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  int q = n < m ? n : m;
  vreal *U = v_la_take(arena, n * q), *s = v_la_take(arena, q), *V = v_la_take(arena, m * q);
  v_svd(arena, n, m, A, U, s, V);
  v_svd_adj(arena, n, m, A, U, s, V, U_adj, s_adj, V_adj, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_singular_values_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *s,
                                 const vreal *s_adj, vreal *A_adj) {
  (void)s;
  v_la_svd_again(arena, n, m, A, NULL, s_adj, NULL, A_adj);
}

LA_ROUTINE v_svd_U_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *U,
                       const vreal *U_adj, vreal *A_adj) {
  (void)U;
  v_la_svd_again(arena, n, m, A, U_adj, NULL, NULL, A_adj);
}

LA_ROUTINE v_svd_V_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *V,
                       const vreal *V_adj, vreal *A_adj) {
  (void)V;
  v_la_svd_again(arena, n, m, A, NULL, NULL, V_adj, A_adj);
}

/* With E = I - A X and F = I - X A, where the rank stays (Golub and Pereyra 1973, SIAM J. Numer.
 * Anal. 10): A_adj = -X' X_adj X' + E X_adj' X X' + X' X X_adj' F. */
LA_ROUTINE v_generalized_inverse_adj(masting_arena *arena, int n, int m, const vreal *A,
                                     const vreal *X, const vreal *X_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *E = v_la_take(arena, n * n), *F = v_la_take(arena, m * m);
  vreal *nn = v_la_take(arena, n * n), *mm = v_la_take(arena, m * m), *xt = v_la_take(arena, n * m);
  v_la_view x = v_la_rows(X, n), x_t = v_la_turned(X, n), g = v_la_rows(X_adj, n);
  v_la_view g_t = v_la_turned(X_adj, n);
  v_la_unit(n, E);
  v_la_add_product(n, m, n, -1, v_la_rows(A, m), x, E);
  v_la_unit(m, F);
  v_la_add_product(m, n, m, -1, x, v_la_rows(A, m), F);
  v_la_zero(n * n, nn);
  v_la_zero(m * m, mm);
  v_la_zero(n * m, xt);
  v_la_add_product(m, n, m, 1, g, x_t, mm); /* X_adj X' */
  v_la_add_product(n, m, m, -1, x_t, v_la_rows(mm, m), A_adj);
  v_la_add_product(n, m, n, 1, g_t, x, nn); /* X_adj' X */
  v_la_add_product(n, n, m, 1, v_la_rows(nn, n), x_t, xt);
  v_la_add_product(n, n, m, 1, v_la_rows(E, n), v_la_rows(xt, m), A_adj);
  v_la_zero(m * m, mm);
  v_la_add_product(m, n, m, 1, x, g_t, mm); /* X X_adj' */
  v_la_zero(n * m, xt);
  v_la_add_product(n, m, m, 1, x_t, v_la_rows(mm, m), xt);
  v_la_add_product(n, m, m, 1, v_la_rows(xt, m), v_la_rows(F, m), A_adj);
  masting_arena_release(arena, mark);
}
