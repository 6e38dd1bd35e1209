/* masting/stan/linalg_dense_adj.h -- part of linalg.h: adjoints of linalg_dense.h. */

LA_ROUTINE v_matmul_adj(masting_arena *arena, int n, int k, int m, const vreal *A, const vreal *B,
                        const vreal *C, const vreal *C_adj, vreal *A_adj, vreal *B_adj) {
  (void)arena;
  (void)C;
  if (A_adj) v_la_add_product(n, m, k, 1, v_la_rows(C_adj, m), v_la_turned(B, m), A_adj);
  if (B_adj) v_la_add_product(k, n, m, 1, v_la_turned(A, k), v_la_rows(C_adj, m), B_adj);
}

LA_ROUTINE v_crossprod_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *C,
                           const vreal *C_adj, vreal *A_adj) {
  (void)arena;
  (void)C;
  if (!A_adj) return;
  v_la_add_product(n, m, m, 1, v_la_rows(A, m), v_la_rows(C_adj, m), A_adj);
  v_la_add_product(n, m, m, 1, v_la_rows(A, m), v_la_turned(C_adj, m), A_adj);
}

LA_ROUTINE v_tcrossprod_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *C,
                            const vreal *C_adj, vreal *A_adj) {
  (void)arena;
  (void)C;
  if (!A_adj) return;
  v_la_add_product(n, n, m, 1, v_la_rows(C_adj, n), v_la_rows(A, m), A_adj);
  v_la_add_product(n, n, m, 1, v_la_turned(C_adj, n), v_la_rows(A, m), A_adj);
}

/* The lower triangle of to[n][m] += that of from. */
LA_INLINE void v_la_add_lower(int n, int m, const vreal *from, vreal *to) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i && j < m; j++) to[i * m + j] += from[i * m + j];
}

LA_ROUTINE v_multiply_lower_tri_self_transpose_adj(masting_arena *arena, int n, int m,
                                                   const vreal *L, const vreal *C,
                                                   const vreal *C_adj, vreal *L_adj) {
  if (!L_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *low = v_la_take(arena, n * m), *grad = v_la_take(arena, n * m);
  v_la_lower(n, m, L, low);
  v_la_zero(n * m, grad);
  v_tcrossprod_adj(arena, n, m, low, C, C_adj, grad);
  v_la_add_lower(n, m, grad, L_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_quad_form_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *B,
                           const vreal *C, const vreal *C_adj, vreal *A_adj, vreal *B_adj) {
  (void)C;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *bc = v_la_take(arena, n * m), *bct = v_la_take(arena, n * m);
  v_matmul(arena, n, m, m, B, C_adj, bc);
  if (A_adj) v_la_add_product(n, m, n, 1, v_la_rows(bc, m), v_la_turned(B, m), A_adj);
  if (B_adj) {
    v_la_zero(n * m, bct);
    v_la_add_product(n, m, m, 1, v_la_rows(B, m), v_la_turned(C_adj, m), bct);
    v_la_add_product(n, n, m, 1, v_la_turned(A, n), v_la_rows(bc, m), B_adj);
    v_la_add_product(n, n, m, 1, v_la_rows(A, n), v_la_rows(bct, m), B_adj);
  }
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_quad_form_sym_adj(masting_arena *arena, int n, int m, const vreal *A, const vreal *B,
                               const vreal *C, const vreal *C_adj, vreal *A_adj, vreal *B_adj) {
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *sym = v_la_take(arena, m * m);
  v_la_copy(m * m, C_adj, sym);
  v_la_symmetrize(m, sym);
  v_quad_form_adj(arena, n, m, A, B, C, sym, A_adj, B_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_mdivide_left_tri_low_adj(masting_arena *arena, int n, int m, const vreal *L,
                                      const vreal *B, const vreal *X, const vreal *X_adj,
                                      vreal *L_adj, vreal *B_adj) {
  (void)B;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *w = v_la_take(arena, n * m), *grad = v_la_take(arena, n * n);
  v_la_copy(n * m, X_adj, w);
  v_la_solve_low_t(n, m, L, w);
  if (L_adj) {
    v_la_zero(n * n, grad);
    v_la_add_product(n, m, n, -1, v_la_rows(w, m), v_la_turned(X, m), grad);
    v_la_add_lower(n, n, grad, L_adj);
  }
  if (B_adj) v_la_add(n * m, w, B_adj);
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_mdivide_right_tri_low_adj(masting_arena *arena, int n, int m, const vreal *B,
                                       const vreal *L, const vreal *X, const vreal *X_adj,
                                       vreal *B_adj, vreal *L_adj) {
  (void)B;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *w = v_la_take(arena, m * n), *grad = v_la_take(arena, n * n);
  v_la_copy(m * n, X_adj, w);
  v_la_solve_low_right_t(n, m, L, w);
  if (L_adj) {
    v_la_zero(n * n, grad);
    v_la_add_product(n, m, n, -1, v_la_turned(X, n), v_la_rows(w, n), grad);
    v_la_add_lower(n, n, grad, L_adj);
  }
  if (B_adj) v_la_add(m * n, w, B_adj);
  masting_arena_release(arena, mark);
}
