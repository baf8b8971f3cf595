#include "vm/opcode.h"

#include <gtest/gtest.h>

#include <set>

namespace bpfc {
namespace {

TEST(Opcode, DecodingIsABijectionBetween49CodesAndTheOperations) {
  std::set<Operation> seen;
  for (std::uint32_t code = 0; code <= 0xffff; ++code) {
    const auto operation = decode(static_cast<std::uint16_t>(code));
    if (!operation) continue;
    EXPECT_EQ(encode(*operation), code);
    EXPECT_TRUE(seen.insert(*operation).second) << code;
  }
  EXPECT_EQ(seen.size(), 49U);
  for (const OperationInfo& row : kOperations) EXPECT_EQ(decode(row.code), row.operation);
}

TEST(Opcode, RowsStandWhereTheirOperationSays) {
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kOperations[i].operation), i);
    EXPECT_EQ(&info(kOperations[i].operation), &kOperations[i]);
  }
}

TEST(Opcode, MnemonicAndFormatNameOneOperation) {
  std::set<std::pair<std::string_view, OperandFormat>> seen;
  for (const OperationInfo& row : kOperations) {
    EXPECT_TRUE(seen.insert({row.mnemonic, row.format}).second) << row.mnemonic;
  }
}

TEST(Opcode, OnlyArithmeticAndBranchesHaveParts) {
  for (const OperationInfo& row : kOperations) {
    EXPECT_EQ(arithmetic_parts(row.operation).has_value(), row.kind == OperationClass::kArithmetic)
        << row.mnemonic;
    EXPECT_EQ(branch_parts(row.operation).has_value(), row.kind == OperationClass::kBranch)
        << row.mnemonic;
    if (row.kind == OperationClass::kBranch) {
      EXPECT_TRUE(prints_jump_columns(row.code));
    }
  }
  EXPECT_EQ(arithmetic_parts(Operation::kModuloX)->arithmetic, Arithmetic::kModulo);
  EXPECT_EQ(arithmetic_parts(Operation::kModuloX)->right, RightOperand::kX);
  EXPECT_EQ(branch_parts(Operation::kJumpAnyBitConstant)->comparison, Comparison::kAnyBit);
  EXPECT_EQ(branch_parts(Operation::kJumpAnyBitConstant)->right, RightOperand::kConstant);
}

TEST(Opcode, JumpColumnsFollowTheBitsOfTheCode) {
  EXPECT_FALSE(prints_jump_columns(0x05));
  EXPECT_FALSE(prints_jump_columns(0x06));
  EXPECT_FALSE(prints_jump_columns(0x105));
  EXPECT_TRUE(prints_jump_columns(0x55));
  EXPECT_TRUE(prints_jump_columns(0x115));
}

}  // namespace
}  // namespace bpfc
