export default [
    {
        files: ["**/*.js"],
        languageOptions: {
            ecmaVersion: 2022,
            sourceType: "module",
            globals: {document: "readonly", window: "readonly", console: "readonly"},
        },
        rules: {
            "no-console": "error",
            "no-dupe-keys": "error",
            "no-undef": "error",
            "no-unreachable": "error",
            "no-unused-vars": "error",
            "no-var": "error",
            "prefer-const": "error",
            eqeqeq: "error",
        },
    },
];
