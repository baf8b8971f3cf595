// The kinds of warning that the compiler does not find by itself. Each has a file, which looks at
// the tree of a filter that compiles and says what it finds; none changes what the filter means.
#pragma once

#include <cstddef>
#include <vector>

#include "bpfc/compile.h"
#include "compiler/warning/tree.h"

namespace bpfc::warning {

// Of one kind in one filter. More would hide what they say.
inline constexpr std::size_t kMostOfAKind = 8;

// What is warned of. A hint is a text that is still to be compiled.
std::vector<Diagnostic> moved_headers(const Tree& tree, const CompileOptions& options);
std::vector<Diagnostic> partial_not(const Tree& tree, const CompileOptions& options);
std::vector<Diagnostic> ipv4_only(const Tree& tree, const CompileOptions& options);
std::vector<Diagnostic> fragments(const Tree& tree, const CompileOptions& options);
std::vector<Diagnostic> dead_branch(const Tree& tree, const CompileOptions& options);

// All that options.warnings asks for and that one of these finds, in the order of the table. Linear
// in the filter but for dead_branch(), which has a limit of size.
std::vector<Diagnostic> find_warnings(const ast::Filter& filter, const CompileOptions& options);

}  // namespace bpfc::warning
