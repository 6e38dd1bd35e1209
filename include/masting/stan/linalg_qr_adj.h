/* masting/stan/linalg_qr_adj.h -- part of linalg.h: adjoints of linalg_qr.h. */

/* R_adj above and on the diagonal, zero below: what is below is constant. [q][m] */
LA_INLINE vreal *v_la_upper_of(masting_arena *arena, int q, int m, const vreal *R_adj) {
  vreal *upper = v_la_take(arena, q * m);
  for (int i = 0; i < q; i++)
    for (int j = 0; j < m; j++) upper[i * m + j] = R_adj && j >= i ? R_adj[i * m + j] : v_all(0.0);
  return upper;
}

/* q_adj += A2 R2_adj' and A2_adj += Q R2_adj, where A = [A1 A2], R = [R1 R2] and R2 = Q' A2. */
LA_INLINE void v_la_qr_wide(int n, int m, const vreal *A, const vreal *Q, const vreal *upper,
                            vreal *q_adj, vreal *A_adj) {
  for (int i = 0; i < n; i++)
    for (int p = 0; p < n; p++)
      for (int j = n; j < m; j++) {
        q_adj[i * n + p] += A[i * m + j] * upper[p * m + j];
        A_adj[i * m + j] += Q[i * n + p] * upper[p * m + j];
      }
}

/* With q = min(n, m) and A1 the first q columns: A1_adj = (Q_adj + Q S) R1^-T, S symmetric with the
 * lower triangle of R1 R1_adj' - Q_adj' Q (Walter and Lehmann 2018, "Algorithmic differentiation of
 * linear algebra functions"). Q_adj or R_adj may be NULL: zero. */
LA_ROUTINE v_qr_thin_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *Q,
                         const vreal *R, const vreal *Q_adj, const vreal *R_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  int q = v_la_least(n, m);
  vreal *upper = v_la_upper_of(arena, q, m, R_adj), *x = v_la_take(arena, n * q);
  vreal *s = v_la_take(arena, q * q), *rt = v_la_take(arena, q * q);
  v_la_zero(n * q, x);
  if (Q_adj) v_la_copy(n * q, Q_adj, x);
  if (m > n) v_la_qr_wide(n, m, A, Q, upper, x, A_adj);
  v_la_zero(q * q, s);
  v_la_add_product(q, q, q, 1, v_la_rows(R, m), v_la_turned(upper, m), s);
  v_la_add_product(q, n, q, -1, v_la_turned(x, q), v_la_rows(Q, q), s);
  for (int i = 0; i < q; i++)
    for (int j = 0; j < q; j++) {
      if (j > i) s[i * q + j] = s[j * q + i];
      rt[j * q + i] = R[i * m + j];
    }
  v_la_add_product(n, q, q, 1, v_la_rows(Q, q), v_la_rows(s, q), x);
  v_la_solve_low_right(q, n, rt, x);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < q; j++) A_adj[i * m + j] += x[i * q + j];
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_qr_thin_Q_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *Q,
                           const vreal *Q_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *R = v_la_take(arena, v_la_least(n, m) * m);
  v_qr_thin_R(arena, n, m, A, R);
  v_qr_thin_adj(arena, n, m, A, Q, R, Q_adj, NULL, A_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_qr_thin_R_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *R,
                           const vreal *R_adj, vreal *A_adj) {
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *Q = v_la_take(arena, n * v_la_least(n, m));
  v_qr_thin_Q(arena, n, m, A, Q);
  v_qr_thin_adj(arena, n, m, A, Q, R, NULL, R_adj, A_adj);
  masting_arena_release(arena, mark);
}

/* The rows of R beyond min(n, m) are zero. */
LA_ROUTINE v_qr_R_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *R,
                      const vreal *R_adj, vreal *A_adj) {
  v_qr_thin_R_adj(arena, n, m, A, R, R_adj, A_adj);
}
