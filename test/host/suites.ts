import './activation.suite';
import './commands.suite';
import './files.suite';
import './json.suite';
import './tasks.suite';
import './tools.suite';
