/* tests/unit/tree_reference.h -- multinomial NUTS written again, by recursion, from its
 * description: Betancourt 2017, appendix A.3, with the three U-turn checks of Stan. For
 * test_tree.
 *
 * Points of a trajectory are whole numbers: 0 is where it starts, -1 one step back. The
 * reference is told the energy errors, the U-turns and the uniforms, and says what a tree must
 * do with them.
 */
#ifndef TESTS_TREE_REFERENCE_H
#define TESTS_TREE_REFERENCE_H

#include <stdbool.h>

#define TREE_MAX_LEAVES (1 << 15)

typedef struct tree_pair { /* earlier-built point first */
  int a, b;
} tree_pair;

typedef struct tree_world {
  double (*error)(void *context, int point);         /* H - H0 */
  bool (*turns)(void *context, int left, int right); /* left < right: U-turn between them */
  double (*uniform)(void *context, int index);       /* index-th uniform of the draw */
  void *context;
  int max_depth;
} tree_world;

typedef struct tree_outcome {
  int leaves, depth, chosen;
  bool diverging, saturated;
  double accept;
  int point[TREE_MAX_LEAVES];      /* points in the order they were made */
  int checks[TREE_MAX_LEAVES + 1]; /* of leaf n: check[checks[n]] .. check[checks[n + 1]) */
  tree_pair check[6 * TREE_MAX_LEAVES];
} tree_outcome;

void tree_reference(const tree_world *world, tree_outcome *out);

#endif
