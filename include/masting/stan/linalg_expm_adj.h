/* masting/stan/linalg_expm_adj.h -- part of linalg.h: adjoints of linalg_expm.h. */

/* exp [A' E; 0 A'] has in its upper right block the derivative of exp at A' along E, which for
 * E = Y_adj is A_adj (Higham 2008, Functions of Matrices, equation 3.16). E is scaled so that A
 * alone sets the squarings. */
LA_ROUTINE v_matrix_exp_adj(masting_arena *arena, int n, const vreal *A, const vreal *Y,
                            const vreal *Y_adj, vreal *A_adj) {
  (void)Y;
  if (!A_adj) return;
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *block = v_la_take(arena, 4 * n * n), *whole = v_la_take(arena, 4 * n * n);
  vreal norm = v_la_norm1(n, Y_adj), one = v_all(1.0);
  norm = v_where(v_la_eq(norm, v_all(0.0)), one, norm);
  v_la_zero(4 * n * n, block);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      block[i * 2 * n + j] = block[(n + i) * 2 * n + n + j] = A[j * n + i];
      block[i * 2 * n + n + j] = Y_adj[i * n + j] / norm;
    }
  v_matrix_exp(arena, 2 * n, block, whole);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) A_adj[i * n + j] += norm * whole[i * 2 * n + n + j];
  masting_arena_release(arena, mark);
}

/* A_adj = sum over i + j = power - 1 of A'^i Y_adj A'^j, by halving: A^2p = A^p A^p and
 * A^(2p+1) = A^2p A. */
LA_ROUTINE v_matrix_power_adj(masting_arena *arena, int n, int power, const vreal *A,
                              const vreal *Y, const vreal *Y_adj, vreal *A_adj) {
  (void)Y;
  if (!A_adj || power == 0) return;
  if (power < 0) {
    v_la_poison(n * n, v_all(LA_NAN), A_adj);
    return;
  }
  masting_arena_state mark = masting_arena_mark(arena);
  vreal *adj = v_la_take(arena, n * n), *root = v_la_take(arena, n * n);
  vreal *root_adj = v_la_take(arena, n * n);
  v_la_copy(n * n, Y_adj, adj);
  for (int left = power; left > 1; left /= 2) {
    if (left % 2) { /* adj is that of A^(left-1) A */
      v_matrix_power(arena, n, left - 1, A, root);
      v_la_add_product(n, n, n, 1, v_la_turned(root, n), v_la_rows(adj, n), A_adj);
      v_la_zero(n * n, root_adj);
      v_la_add_product(n, n, n, 1, v_la_rows(adj, n), v_la_turned(A, n), root_adj);
      v_la_copy(n * n, root_adj, adj);
    }
    v_matrix_power(arena, n, left / 2, A, root);
    v_la_zero(n * n, root_adj);
    v_matmul_adj(arena, n, n, n, root, root, NULL, adj, root_adj, root_adj);
    v_la_copy(n * n, root_adj, adj);
  }
  v_la_add(n * n, adj, A_adj);
  masting_arena_release(arena, mark);
}
