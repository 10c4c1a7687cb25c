/** What `.gitignore` of a new workspace keeps out of git: private keys, passwords in clear and the program's own folder. */
export const ignoreFile = `# Written by Gatehouse. Private keys, passwords and the running cluster stay out of git.
.gatehouse/
*-key.pem
*.p12
grpc-users*.json
grpc-credentials*.json
`;
