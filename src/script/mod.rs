//! The script languages of plans: Groovy, BeanShell, JEXL and JavaScript expressions.
