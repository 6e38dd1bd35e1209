/* masting/stan/linalg_sort.h -- part of linalg.h: sorting, stable. Included once. */

/* order[0], order[1] .. are the places (0-based) of A's elements in order; equal ones stay as they
 * were. Merging runs of 1, 2, 4 .. elements. */
LA_ROUTINE d_la_order(masting_arena *arena, int n, int descending, const double *A, int *order) {
  masting_arena_state mark = masting_arena_mark(arena);
  int *from = order, *to = masting_arena_take(arena, (size_t)n * sizeof *to);
  for (int i = 0; i < n; i++) from[i] = i;
  for (int64_t width = 1; width < n; width *= 2) {
    for (int64_t start = 0; start < n; start += 2 * width) {
      int64_t middle = start + width < n ? start + width : n, end = start + 2 * width;
      if (end > n) end = n;
      int64_t left = start, right = middle;
      for (int64_t i = start; i < end; i++) {
        int take = left == middle;
        if (!take && right < end) {
          double l = A[from[left]], r = A[from[right]];
          take = descending ? r > l : r < l;
        }
        to[i] = take ? from[right++] : from[left++];
      }
    }
    int *swap = from;
    from = to;
    to = swap;
  }
  for (int i = 0; from != order && i < n; i++) order[i] = from[i];
  masting_arena_release(arena, mark);
}

LA_INLINE int *d_la_take_int(masting_arena *arena, int count) {
  return masting_arena_take(arena, (size_t)count * sizeof(int));
}

/* A's elements in order; all NaN when one is. */
LA_INLINE void d_la_sort(masting_arena *arena, int n, int descending, const double *A, double *Y) {
  masting_arena_state mark = masting_arena_mark(arena);
  int *order = d_la_take_int(arena, n), nan = 0;
  d_la_order(arena, n, descending, A, order);
  for (int i = 0; i < n; i++) nan |= isnan(A[i]);
  for (int i = 0; i < n; i++) Y[i] = nan ? LA_NAN : A[order[i]];
  masting_arena_release(arena, mark);
}

LA_ROUTINE d_sort_asc(masting_arena *arena, int n, const double *A, double *Y) {
  d_la_sort(arena, n, 0, A, Y);
}

LA_ROUTINE d_sort_desc(masting_arena *arena, int n, const double *A, double *Y) {
  d_la_sort(arena, n, 1, A, Y);
}

/* Y[i]: the place (1-based) of the element that comes i-th in ascending order */
LA_ROUTINE d_sort_indices_asc(masting_arena *arena, int n, const double *A, int *Y) {
  d_la_order(arena, n, 0, A, Y);
  for (int i = 0; i < n; i++) Y[i]++;
}

/* Y[i]: the place (1-based) of the element that comes i-th in descending order */
LA_ROUTINE d_sort_indices_desc(masting_arena *arena, int n, const double *A, int *Y) {
  d_la_order(arena, n, 1, A, Y);
  for (int i = 0; i < n; i++) Y[i]++;
}

/* Integers by way of doubles, which hold them all. */
LA_INLINE void i_la_order(masting_arena *arena, int n, int descending, const int *A, int *order) {
  masting_arena_state mark = masting_arena_mark(arena);
  double *as_double = d_la_take(arena, n);
  for (int i = 0; i < n; i++) as_double[i] = A[i];
  d_la_order(arena, n, descending, as_double, order);
  masting_arena_release(arena, mark);
}

LA_ROUTINE i_sort_indices_asc(masting_arena *arena, int n, const int *A, int *Y) {
  i_la_order(arena, n, 0, A, Y);
  for (int i = 0; i < n; i++) Y[i]++;
}

LA_ROUTINE i_sort_indices_desc(masting_arena *arena, int n, const int *A, int *Y) {
  i_la_order(arena, n, 1, A, Y);
  for (int i = 0; i < n; i++) Y[i]++;
}

LA_INLINE void i_la_sort(masting_arena *arena, int n, int descending, const int *A, int *Y) {
  i_la_order(arena, n, descending, A, Y);
  for (int i = 0; i < n; i++) Y[i] = A[Y[i]];
}

LA_ROUTINE i_sort_asc(masting_arena *arena, int n, const int *A, int *Y) {
  i_la_sort(arena, n, 0, A, Y);
}

LA_ROUTINE i_sort_desc(masting_arena *arena, int n, const int *A, int *Y) {
  i_la_sort(arena, n, 1, A, Y);
}

/* Y[i] = A[0] + .. + A[i] */
LA_ROUTINE i_cumulative_sum(masting_arena *arena, int n, const int *A, int *Y) {
  (void)arena;
  for (int i = 0, sum = 0; i < n; i++) Y[i] = sum += A[i];
}

LA_INLINE void v_la_sort(masting_arena *arena, int n, int descending, const vreal *A, vreal *Y) {
  masting_arena_state mark = masting_arena_mark(arena);
  double *sorted = d_la_take(arena, n);
  for (int lane = 0; lane < MASTING_LANES; lane++) {
    masting_arena_state inner = masting_arena_mark(arena);
    d_la_sort(arena, n, descending, v_la_lane_out(arena, n, lane, A), sorted);
    v_la_lane_in(n, lane, sorted, Y);
    masting_arena_release(arena, inner);
  }
  masting_arena_release(arena, mark);
}

/* Each lane by itself. */
LA_ROUTINE v_sort_asc(masting_arena *arena, int n, const vreal *A, vreal *Y) {
  v_la_sort(arena, n, 0, A, Y);
}

LA_ROUTINE v_sort_desc(masting_arena *arena, int n, const vreal *A, vreal *Y) {
  v_la_sort(arena, n, 1, A, Y);
}

/* Each lane's adjoints go back to where its elements came from. */
LA_INLINE void v_la_sort_back(masting_arena *arena, int n, int descending, const vreal *A,
                              const vreal *Y_adj, vreal *A_adj) {
  masting_arena_state mark = masting_arena_mark(arena);
  int *order = d_la_take_int(arena, n);
  for (int lane = 0; A_adj && lane < MASTING_LANES; lane++) {
    masting_arena_state inner = masting_arena_mark(arena);
    d_la_order(arena, n, descending, v_la_lane_out(arena, n, lane, A), order);
    for (int i = 0; i < n; i++) {
      vreal *to = A_adj + order[i];
      *to = v_put(*to, lane, v_get(*to, lane) + v_get(Y_adj[i], lane));
    }
    masting_arena_release(arena, inner);
  }
  masting_arena_release(arena, mark);
}

LA_ROUTINE v_sort_asc_adj(masting_arena *arena, int n, const vreal *A, const vreal *Y,
                          const vreal *Y_adj, vreal *A_adj) {
  (void)Y;
  v_la_sort_back(arena, n, 0, A, Y_adj, A_adj);
}

LA_ROUTINE v_sort_desc_adj(masting_arena *arena, int n, const vreal *A, const vreal *Y,
                           const vreal *Y_adj, vreal *A_adj) {
  (void)Y;
  v_la_sort_back(arena, n, 1, A, Y_adj, A_adj);
}
