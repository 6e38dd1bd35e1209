/* masting/stan/linalg_vector_adj.h -- part of linalg.h: adjoints of linalg_vector.h. */

LA_ROUTINE v_cumulative_sum_adj(masting_arena *arena, int n, const vreal *A, const vreal *Y,
                                const vreal *Y_adj, vreal *A_adj) {
  (void)arena;
  (void)A;
  (void)Y;
  if (!A_adj) return;
  vreal sum = v_all(0.0);
  for (int i = n - 1; i >= 0; i--) A_adj[i] += sum = sum + Y_adj[i];
}

/* exp(A - y) is softmax; where y is infinite, no element has a slope that is a number: 0. */
LA_ROUTINE v_log_sum_exp_adj(masting_arena *arena, int n, const vreal *A, const vreal *y,
                             const vreal *y_adj, vreal *A_adj) {
  (void)arena;
  if (!A_adj) return;
  vmask infinite = v_la_eq(v_abs(*y), v_all(INFINITY));
  vreal shift = v_where(infinite, v_all(0.0), *y), by = v_where(infinite, v_all(0.0), *y_adj);
  for (int i = 0; i < n; i++) {
    vreal share = v_exp(v_where(infinite, v_all(0.0), A[i]) - shift);
    A_adj[i] += by * share;
  }
}

LA_ROUTINE v_softmax_adj(masting_arena *arena, int n, const vreal *A, const vreal *Y,
                         const vreal *Y_adj, vreal *A_adj) {
  (void)arena;
  (void)A;
  if (!A_adj) return;
  vreal mean = v_all(0.0);
  for (int i = 0; i < n; i++) mean += Y[i] * Y_adj[i];
  for (int i = 0; i < n; i++) A_adj[i] += Y[i] * (Y_adj[i] - mean);
}

LA_ROUTINE v_log_softmax_adj(masting_arena *arena, int n, const vreal *A, const vreal *Y,
                             const vreal *Y_adj, vreal *A_adj) {
  (void)arena;
  (void)A;
  if (!A_adj) return;
  vreal sum = v_all(0.0);
  for (int i = 0; i < n; i++) sum += Y_adj[i];
  for (int i = 0; i < n; i++) A_adj[i] += Y_adj[i] - v_exp(Y[i]) * sum;
}

/* At 0, where there is no slope, 0. */
LA_ROUTINE v_norm2_adj(masting_arena *arena, int n, const vreal *A, const vreal *y,
                       const vreal *y_adj, vreal *A_adj) {
  (void)arena;
  if (!A_adj) return;
  vmask zero = v_la_eq(*y, v_all(0.0));
  vreal by = v_where(zero, v_all(0.0), *y_adj / v_where(zero, v_all(1.0), *y));
  for (int i = 0; i < n; i++) A_adj[i] += by * A[i];
}
