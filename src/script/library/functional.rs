//! The interfaces of one method that closures stand in for: `Runnable`, `Comparator`, `java.util.function`.

use super::{Class, object};

macro_rules! interfaces {
    ($($name:ident, $full:literal, $($method:literal)|+;)*) => {
        $(
            #[doc = concat!("`", $full, "`.")]
            pub static $name: Class = Class::interface($full, &[&object::OBJECT]);
        )*

        /// The interfaces, for the table of classes.
        pub static INTERFACES: &[&Class] = &[$(&$name),*];

        /// Each with the method that it asks for.
        static ABSTRACT_METHODS: &[(&str, &[&str])] = &[$(($full, &[$($method),+])),*];
    };
}

interfaces! {
    BI_CONSUMER, "java.util.function.BiConsumer", "accept";
    BI_FUNCTION, "java.util.function.BiFunction", "apply";
    BI_PREDICATE, "java.util.function.BiPredicate", "test";
    BINARY_OPERATOR, "java.util.function.BinaryOperator", "apply";
    BOOLEAN_SUPPLIER, "java.util.function.BooleanSupplier", "getAsBoolean";
    CONSUMER, "java.util.function.Consumer", "accept";
    FUNCTION, "java.util.function.Function", "apply";
    INT_BINARY_OPERATOR, "java.util.function.IntBinaryOperator", "applyAsInt";
    INT_CONSUMER, "java.util.function.IntConsumer", "accept";
    INT_FUNCTION, "java.util.function.IntFunction", "apply";
    INT_PREDICATE, "java.util.function.IntPredicate", "test";
    INT_SUPPLIER, "java.util.function.IntSupplier", "getAsInt";
    INT_UNARY_OPERATOR, "java.util.function.IntUnaryOperator", "applyAsInt";
    PREDICATE, "java.util.function.Predicate", "test";
    SUPPLIER, "java.util.function.Supplier", "get";
    TO_DOUBLE_FUNCTION, "java.util.function.ToDoubleFunction", "applyAsDouble";
    TO_INT_FUNCTION, "java.util.function.ToIntFunction", "applyAsInt";
    TO_LONG_FUNCTION, "java.util.function.ToLongFunction", "applyAsLong";
    UNARY_OPERATOR, "java.util.function.UnaryOperator", "apply";
    RUNNABLE, "java.lang.Runnable", "run";
    CALLABLE, "java.util.concurrent.Callable", "call";
    COMPARATOR, "java.util.Comparator", "compare";
    FILE_FILTER, "java.io.FileFilter", "accept";
    FILENAME_FILTER, "java.io.FilenameFilter", "accept";
}

/// Whether a closure stands in for the interface.
pub fn is_functional(class: &str) -> bool {
    ABSTRACT_METHODS.iter().any(|row| row.0 == class)
}

/// Whether it is the one method of such an interface.
pub fn is_abstract_method(name: &str) -> bool {
    ABSTRACT_METHODS.iter().any(|row| row.1.contains(&name))
}
