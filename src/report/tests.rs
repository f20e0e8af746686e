//! Every row of FORMATS over one set of hostile findings.
