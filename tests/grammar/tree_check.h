// What holds of every tree that the parser makes.
#pragma once

#include <string>

#include "grammar/ast.h"

namespace bpfc::tests {

// The first promise of ast.h that the tree breaks, in words; empty when it keeps them all.
std::string broken_promise(const ast::Filter& filter);

}  // namespace bpfc::tests
