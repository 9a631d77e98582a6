//! Operators.

use super::{Parsed, Parser, node};
use crate::script::core::tree::{BinaryOperator as B, Expression, ExpressionKind as E, UnaryOperator};

/// What joins two operands.
#[derive(Debug, Clone, Copy)]
enum Joint {
    Or,
    And,
    Binary(B),
    InstanceOf,
}

/// The binary operators, from the loosest to the tightest.
const LEVELS: &[&[(&str, Joint)]] = &[
    &[("||", Joint::Or), ("@or", Joint::Or)],
    &[("&&", Joint::And), ("@and", Joint::And)],
    &[("|", Joint::Binary(B::BitOr)), ("@bitwise_or", Joint::Binary(B::BitOr))],
    &[("^", Joint::Binary(B::BitXor))],
    &[("&", Joint::Binary(B::BitAnd)), ("@bitwise_and", Joint::Binary(B::BitAnd))],
    &[("==", Joint::Binary(B::Equal)), ("!=", Joint::Binary(B::NotEqual))],
    &[("instanceof", Joint::InstanceOf)],
    &[
        ("<", Joint::Binary(B::Less)),
        ("@lt", Joint::Binary(B::Less)),
        (">", Joint::Binary(B::Greater)),
        ("@gt", Joint::Binary(B::Greater)),
        ("<=", Joint::Binary(B::LessOrEqual)),
        ("@lteq", Joint::Binary(B::LessOrEqual)),
        (">=", Joint::Binary(B::GreaterOrEqual)),
        ("@gteq", Joint::Binary(B::GreaterOrEqual)),
    ],
    &[
        ("<<", Joint::Binary(B::ShiftLeft)),
        ("@left_shift", Joint::Binary(B::ShiftLeft)),
        (">>", Joint::Binary(B::ShiftRight)),
        ("@right_shift", Joint::Binary(B::ShiftRight)),
        (">>>", Joint::Binary(B::ShiftRightUnsigned)),
        ("@right_unsigned_shift", Joint::Binary(B::ShiftRightUnsigned)),
    ],
    &[("+", Joint::Binary(B::Plus)), ("-", Joint::Binary(B::Minus))],
    &[("*", Joint::Binary(B::Multiply)), ("/", Joint::Binary(B::Divide)), ("%", Joint::Binary(B::Remainder))],
];

/// Where `instanceof` stands in [`LEVELS`]: it takes a type, and only one.
const INSTANCE_OF: usize = 6;

const ASSIGNMENTS: &[(&str, Option<B>)] = &[
    ("=", None),
    ("*=", Some(B::Multiply)),
    ("/=", Some(B::Divide)),
    ("%=", Some(B::Remainder)),
    ("+=", Some(B::Plus)),
    ("-=", Some(B::Minus)),
    ("&=", Some(B::BitAnd)),
    ("^=", Some(B::BitXor)),
    ("|=", Some(B::BitOr)),
    ("<<=", Some(B::ShiftLeft)),
    ("@left_shift_assign", Some(B::ShiftLeft)),
    (">>=", Some(B::ShiftRight)),
    ("@right_shift_assign", Some(B::ShiftRight)),
    (">>>=", Some(B::ShiftRightUnsigned)),
    ("@right_unsigned_shift_assign", Some(B::ShiftRightUnsigned)),
];

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.nested(|parser| {
            let (start, position) = (parser.at, parser.position());
            let target = parser.conditional()?;
            if parser.primary != (start, parser.at) {
                return Ok(target);
            }
            let Some(operator) = parser.eat_any(ASSIGNMENTS) else {
                return Ok(target);
            };
            let value = parser.expression()?;
            parser.grow(0)?;
            Ok(node(position, E::Assign { target, operator, value }))
        })
    }

    fn conditional(&mut self) -> Parsed<Expression> {
        let position = self.position();
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let before = self.height;
        let then = self.expression()?;
        let then_height = self.height;
        self.expect(":")?;
        let other = self.nested(Self::conditional)?;
        self.grow(before.max(then_height))?;
        Ok(node(position, E::Conditional(condition, then, other)))
    }

    /// Operators of `lowest` and the levels behind it.
    fn binary(&mut self, lowest: usize) -> Parsed<Expression> {
        let mut left = self.unary()?;
        let mut level = LEVELS.len();
        while level > lowest {
            level -= 1;
            while let Some(joint) = self.eat_any(LEVELS[level]) {
                let (before, position) = (self.height, left.position);
                let kind = match joint {
                    Joint::InstanceOf => {
                        let class = self.type_name()?;
                        E::InstanceOf { value: left, class, negated: false }
                    }
                    Joint::Or => E::Or(left, self.binary(level + 1)?),
                    Joint::And => E::And(left, self.binary(level + 1)?),
                    Joint::Binary(operator) => E::Binary(operator, left, self.binary(level + 1)?),
                };
                self.grow(before)?;
                left = node(position, kind);
                if level == INSTANCE_OF {
                    break;
                }
            }
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expression> {
        const SIGNED: &[(&str, UnaryOperator)] = &[("+", UnaryOperator::Plus), ("-", UnaryOperator::Minus)];
        const STEPS: &[(&str, bool)] = &[("++", true), ("--", false)];
        let position = self.position();
        if let Some(operator) = self.eat_any(SIGNED) {
            let operand = self.nested(Self::unary)?;
            self.grow(0)?;
            return Ok(node(position, E::Unary(operator, operand)));
        }
        if let Some(up) = self.eat_any(STEPS) {
            let target = self.primary()?;
            self.grow(0)?;
            self.primary = (0, 0);
            return Ok(node(position, E::Step { target, up, postfix: false }));
        }
        self.unary_not_signed()
    }

    fn unary_not_signed(&mut self) -> Parsed<Expression> {
        const NEGATIONS: &[(&str, UnaryOperator)] = &[("~", UnaryOperator::Complement), ("!", UnaryOperator::Not)];
        const STEPS: &[(&str, bool)] = &[("++", true), ("--", false)];
        let position = self.position();
        if let Some(operator) = self.eat_any(NEGATIONS) {
            let operand = self.nested(Self::unary)?;
            self.grow(0)?;
            return Ok(node(position, E::Unary(operator, operand)));
        }
        if self.is_cast() {
            let primitive = self.is_primitive(self.at + 1);
            self.at += 1;
            let class = self.type_name()?;
            self.expect(")")?;
            let operand = self.nested(if primitive { Self::unary } else { Self::unary_not_signed })?;
            self.grow(0)?;
            return Ok(node(position, E::Cast(class, operand)));
        }
        let target = self.primary()?;
        let Some(up) = self.eat_any(STEPS) else {
            return Ok(target);
        };
        self.grow(0)?;
        Ok(node(position, E::Step { target, up, postfix: true }))
    }
}
