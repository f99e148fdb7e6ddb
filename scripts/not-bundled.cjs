// Stands in for packages that a dependency requires at its start and that nothing here ever calls.
module.exports = {};
