/* masting/stan/linalg_factor_adj.h -- part of linalg.h: adjoints of linalg_factor.h. */

/* In place: the adjoint of L becomes that of the lower triangle of A = L L'. Column by column from
 * the last, the reverse of the factorisation (Murray 2016, arXiv:1602.07527, section 4; after Smith
 * 1995). */
LA_ROUTINE v_la_cholesky_back(int n, const vreal *L, vreal *f) {
  for (int k = n - 1; k >= 0; k--) {
    for (int i = k + 1; i < n; i++) {
      vreal sum = v_all(0.0);
      for (int j = k + 1; j <= i; j++) {
        sum += f[i * n + j] * L[j * n + k];
        f[j * n + k] -= f[i * n + j] * L[i * n + k];
      }
      f[i * n + k] -= sum;
    }
    vreal pivot = L[k * n + k], sum = f[k * n + k];
    for (int i = k + 1; i < n; i++) {
      f[i * n + k] = f[i * n + k] / pivot;
      sum -= L[i * n + k] * f[i * n + k];
    }
    f[k * n + k] = 0.5 * sum / pivot;
  }
}

LA_ROUTINE v_cholesky_decompose_adj(masting_arena *arena, int n, const vreal *A, const vreal *L,
                                    const vreal *L_adj, vreal *A_adj) {
  (void)A;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *f = v_la_take(arena, n * n);
  v_la_copy(n * n, L_adj, f);
  v_la_cholesky_back(n, L, f);
  v_la_add_lower(n, n, f, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_mdivide_left_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *B,
                              const vreal *X, const vreal *X_adj, vreal *A_adj, vreal *B_adj) {
  (void)B;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *lu, *swap, *w = v_la_take(arena, n * m);
  v_la_lu_of(arena, n, A, &lu, &swap);
  v_la_copy(n * m, X_adj, w);
  v_la_lu_solve_t(n, m, lu, swap, w);
  if (A_adj) v_la_add_product(n, m, n, -1, v_la_rows(w, m), v_la_turned(X, m), A_adj);
  if (B_adj) v_la_add(n * m, w, B_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_mdivide_right_adj(masting_arena *arena, int n, int m, const vreal *B, const vreal *A,
                               const vreal *X, const vreal *X_adj, vreal *B_adj, vreal *A_adj) {
  (void)B;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *lu, *swap, *wt = v_la_take(arena, n * m), *w = v_la_take(arena, n * m);
  v_la_lu_of(arena, n, A, &lu, &swap);
  v_la_transpose(m, n, X_adj, wt);
  v_la_lu_solve(n, m, lu, swap, wt);
  v_la_transpose(n, m, wt, w);
  if (A_adj) v_la_add_product(n, m, n, -1, v_la_turned(X, n), v_la_rows(w, n), A_adj);
  if (B_adj) v_la_add(n * m, w, B_adj);
  masting_arena_release(arena, mark);
}

/* The adjoint g[n][n] of a symmetric matrix, to where that matrix is read: its lower triangle. */
LA_INLINE void v_la_add_folded(int n, const vreal *g, vreal *A_adj) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < i; j++) A_adj[i * n + j] += g[i * n + j] + g[j * n + i];
    A_adj[i * n + i] += g[i * n + i];
  }
}

LA_ROUTINE v_mdivide_left_spd_adj(masting_arena *arena, int n, int m, const vreal *A,
                                  const vreal *B, const vreal *X, const vreal *X_adj, vreal *A_adj,
                                  vreal *B_adj) {
  (void)B;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *w = v_la_take(arena, n * m), *g = v_la_take(arena, n * n);
  v_mdivide_left_spd(arena, n, m, A, X_adj, w);
  if (A_adj) {
    v_la_zero(n * n, g);
    v_la_add_product(n, m, n, -1, v_la_rows(w, m), v_la_turned(X, m), g);
    v_la_add_folded(n, g, A_adj);
  }
  if (B_adj) v_la_add(n * m, w, B_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_mdivide_right_spd_adj(masting_arena *arena, int n, int m, const vreal *B,
                                   const vreal *A, const vreal *X, const vreal *X_adj, vreal *B_adj,
                                   vreal *A_adj) {
  (void)B;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *w = v_la_take(arena, m * n), *g = v_la_take(arena, n * n);
  v_mdivide_right_spd(arena, n, m, X_adj, A, w);
  if (A_adj) {
    v_la_zero(n * n, g);
    v_la_add_product(n, m, n, -1, v_la_turned(X, n), v_la_rows(w, n), g);
    v_la_add_folded(n, g, A_adj);
  }
  if (B_adj) v_la_add(m * n, w, B_adj);
  masting_arena_release(arena, mark);
}

/* g[n][n] += sign * X' S X', S[n][n] */
LA_INLINE void v_la_add_sandwich(masting_arena *arena, int n, double sign, const vreal *X,
                                 const vreal *S, vreal *g) {
  vreal *sx = v_la_take(arena, n * n);
  v_la_zero(n * n, sx);
  v_la_add_product(n, n, n, 1, v_la_rows(S, n), v_la_turned(X, n), sx);
  v_la_add_product(n, n, n, sign, v_la_turned(X, n), v_la_rows(sx, n), g);
}

LA_ROUTINE v_inverse_adj(masting_arena *arena, int n, const vreal *A, const vreal *X,
                         const vreal *X_adj, vreal *A_adj) {
  (void)A;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  v_la_add_sandwich(arena, n, -1, X, X_adj, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_inverse_spd_adj(masting_arena *arena, int n, const vreal *A, const vreal *X,
                             const vreal *X_adj, vreal *A_adj) {
  (void)A;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *g = v_la_take(arena, n * n);
  v_la_zero(n * n, g);
  v_la_add_sandwich(arena, n, -1, X, X_adj, g);
  v_la_add_folded(n, g, A_adj);
  masting_arena_release(arena, mark);
}

/* A_adj += by * A^-T */
LA_INLINE void v_la_add_inverse_t(masting_arena *arena, int n, vreal by, const vreal *A,
                                  vreal *A_adj) {
  vreal *inv = v_la_take(arena, n * n);
  v_inverse(arena, n, A, inv);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) A_adj[i * n + j] += by * inv[j * n + i];
}

LA_ROUTINE v_log_determinant_adj(masting_arena *arena, int n, const vreal *A, const vreal *y,
                                 const vreal *y_adj, vreal *A_adj) {
  (void)y;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  v_la_add_inverse_t(arena, n, *y_adj, A, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_log_determinant_spd_adj(masting_arena *arena, int n, const vreal *A, const vreal *y,
                                     const vreal *y_adj, vreal *A_adj) {
  (void)y;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *inv = v_la_take(arena, n * n);
  v_inverse_spd(arena, n, A, inv);
  for (int i = 0; i < n * n; i++) inv[i] = *y_adj * inv[i];
  v_la_add_folded(n, inv, A_adj);
  masting_arena_release(arena, mark);
}

/* Where det A is 0 the derivative is NaN: it would be made of minors, which the factors do not
 * give. */
LA_ROUTINE v_determinant_adj(masting_arena *arena, int n, const vreal *A, const vreal *y,
                             const vreal *y_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  v_la_add_inverse_t(arena, n, *y_adj * *y, A, A_adj);
  masting_arena_release(arena, mark);
}
