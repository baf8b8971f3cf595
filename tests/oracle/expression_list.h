// The lists of filter expressions under tests/data.
#pragma once

#include <string>
#include <vector>

#include "tests/oracle/link_types.h"

namespace bpfc::oracle {

struct ListedExpression {
  std::string link_type;  // a key of link_type_numbers()
  std::string text;
};

// A file of tests/data in the form of expressions.txt: LINKTYPE<TAB>expression lines, comments.
std::vector<ListedExpression> read_expression_list(const std::string& name);
// Those of one link type.
std::vector<std::string> read_expressions(const std::string& name, const std::string& link_type);

}  // namespace bpfc::oracle
